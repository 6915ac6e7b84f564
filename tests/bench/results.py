"""Figures as they are found, each beside its limit, and all of them once more in a table at the end."""

import operator
import statistics

HELD = {"at most": operator.le, "at least": operator.ge, "exactly": operator.eq}


class Results:
    def __init__(self):
        self.rows = []
        self.all_met = True

    def heading(self, text):
        print(f"\n{text}", flush=True)
        self.about = text.partition(":")[0]

    def figure(self, name, text, rounds=()):
        """Something measured that has no limit of its own."""
        self._row(name, text, "", "", rounds)

    def limit(self, name, value, shown, how, limit, unit="", rounds=()):
        """`how`: at most, at least or exactly; `shown` is the format of the value and of the limit."""
        met = HELD[how](value, limit)
        self.all_met = self.all_met and met
        self._row(name, f"{value:{shown}}{unit}", f"{how} {limit:{shown}}{unit}", "met" if met else "NOT met", rounds)

    def note(self, text):
        print(f"  {text}", flush=True)

    def table(self):
        """In Markdown."""
        lines = ["| measure | figure | value | limit | |", "| --- | --- | --- | --- | --- |"]
        lines += [f"| {' | '.join(row)} |" for row in self.rows]
        print("\n" + "\n".join(lines), flush=True)

    def _row(self, name, text, limit, met, rounds):
        self.rows.append((self.about, name, text, limit, met))
        told = f"rounds: {' '.join(f'{each:.4g}' for each in rounds)}" if rounds else ""
        print("  " + "  ".join(part for part in (f"{name:44}", f"{text:>14}", limit, met, told) if part), flush=True)


def median(values):
    return statistics.median(values)

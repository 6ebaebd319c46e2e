"""What processes take of the machine's memory."""


def pss(pids):
    """Of processes and of the pages they share, each page once, in KiB; one that is gone takes nothing."""
    total = 0
    for pid in pids:
        try:
            with open("/proc/%s/smaps_rollup" % pid) as file:
                total += sum(int(line.split()[1]) for line in file if line.startswith("Pss:"))
        except OSError:
            continue
    return total


class Watch:
    """The most that some processes have taken so far."""

    def __init__(self, pids):
        self.pids = pids
        self.before = self.most = pss(pids)

    def look(self):
        self.most = max(self.most, pss(self.pids))

    @property
    def figures(self):
        return {"memory_before_mib": self.before >> 10, "memory_most_mib": self.most >> 10}

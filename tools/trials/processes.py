"""Two processes on one folder."""

import functools
import shutil

from tools.trials.campaign import METHODS, Campaign
from tools.trials.outcomes import differences, has_said, has_traceback, last_line, one_line


def processes(campaign: Campaign) -> None:
    """Begin two runs in one folder, and resume one that is running."""
    name = "without"
    campaign.whole(name)
    for number in range(campaign.count or 10):
        folder = campaign.folder / "shared"
        shutil.rmtree(folder, ignore_errors=True)
        after = ("", "start", "data", "classifier", "evaluation")[number % 5]
        one = campaign.run(folder, *METHODS[name], "--resume")
        if after:
            one.wait(functools.partial(has_said, one, after))
        other = campaign.run(folder, *METHODS[name], "--resume")
        statuses = [one.wait(), other.wait()]
        winner, loser = (one, other) if one.status == 0 else (other, one)
        if sorted(map(str, statuses)) != ["0", "2"]:
            problem: str | None = f"statuses {statuses}"
        elif has_traceback(winner.text()):
            problem = f"a traceback: {winner.text()[-600:]}"
        else:
            problem = one_line(loser.text()) or (
                ", ".join(differences(folder, campaign.whole(name))) or None
            )
        kind = f"after {after}" if after else "at once"
        campaign.report(kind, f"{kind}: {last_line(loser)}", problem)

"""A process that issues acts one after the other and says each number once it is committed.

Called with an instance folder and act ids; used by the tests of races and crashes.
"""

from __future__ import annotations

import sys
from pathlib import Path

from formsvc.bootstrap import build_ports
from formsvc.demo.office import sample_actor
from formsvc.usecases.numbering.issue import issue_act
from tests.support.sample_office import settings_in


def main(folder: str, *act_ids: str) -> None:
    """Issue the acts and print ``id number`` lines."""
    ports = build_ports(settings_in(Path(folder)))
    approver = sample_actor(ports, "approver")
    for act_id in act_ids:
        act = issue_act(ports, approver, act_id)
        print(act.id, act.number, flush=True)


if __name__ == "__main__":
    main(*sys.argv[1:])

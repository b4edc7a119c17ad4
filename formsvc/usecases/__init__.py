"""Use cases: functions of an actor, values and ports."""

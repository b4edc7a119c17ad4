"""What people do with acts, one verb each: functions of values and ports."""

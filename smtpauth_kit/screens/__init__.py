"""What a notebook shows: load, insight, report, findings, readiness, reconciliation, sender."""

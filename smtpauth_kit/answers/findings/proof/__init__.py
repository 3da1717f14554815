"""What stands beside a finding: other days of its subject, places, sign-ins, who else was there."""

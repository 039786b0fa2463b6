"""What a month on AWS costs: `bill.py` adds it up, from what was measured and what AWS asks."""

"""The cost of a month on AWS: `bill.py` computes it from measurements and list prices."""

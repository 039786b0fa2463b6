"""What the doctor checks inside an account, one part of the stack in each module."""

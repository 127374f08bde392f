"""What each command comes to, one file for what belongs together; `decide` is the door to all of them."""

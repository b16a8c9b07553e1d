"""What the door takes, against doors that do less: a bare echo, one that stores nothing, and JetStream."""

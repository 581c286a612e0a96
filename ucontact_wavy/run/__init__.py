"""The supervisor behind `make run`: prepares, starts, watches and stops the processes of one installation."""

"""The project's tests; each room's tests stand in a folder of the room's name."""

"""The example office of `mailhours demo`: its configuration, its mail, its post."""

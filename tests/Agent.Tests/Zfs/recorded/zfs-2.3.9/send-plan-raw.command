LC_ALL=C TZ=UTC zfs send -n -P -v -w tank/secret@fleet_nightly_20261120T205500Z

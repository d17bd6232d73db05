LC_ALL=C TZ=UTC zfs send -n -P -v -t 1-deadbeef-f-0

LC_ALL=C TZ=UTC zfs send -n -P -v -I @1 tank/src@3

LC_ALL=C TZ=UTC zfs send -n -P -v tank/src@2

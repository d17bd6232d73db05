LC_ALL=C TZ=UTC zfs send -n -P -v -i #1 tank/src@2

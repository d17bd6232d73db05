LC_ALL=C TZ=UTC zfs send -n -P -v -i @2 tank/src@1

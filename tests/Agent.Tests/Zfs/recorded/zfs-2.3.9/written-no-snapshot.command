LC_ALL=C TZ=UTC zfs get -H -p -o name,property,value written@nosuch tank/data

LC_ALL=C TZ=UTC zfs get -H -p -o name,property,value written@fleet_nightly_20261121T205500Z-1846a328 tank/app tank/app/db

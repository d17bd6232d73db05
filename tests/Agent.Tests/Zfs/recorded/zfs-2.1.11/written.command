LC_ALL=C TZ=UTC zfs get -H -p -o name,property,value written@fleet_nightly_20261120T205500Z tank/data

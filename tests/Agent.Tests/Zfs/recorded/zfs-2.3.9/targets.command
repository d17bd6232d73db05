LC_ALL=C TZ=UTC zfs list -H -p -t filesystem,volume -o name,guid,written -r tank/data

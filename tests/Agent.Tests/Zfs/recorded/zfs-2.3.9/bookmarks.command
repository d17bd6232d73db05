LC_ALL=C TZ=UTC zfs list -H -p -t bookmark -s createtxg -o name,guid,createtxg,creation -d 1 tank/data

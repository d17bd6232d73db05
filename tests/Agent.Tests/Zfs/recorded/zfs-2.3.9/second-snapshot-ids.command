LC_ALL=C TZ=UTC zfs list -H -p -t snapshot -s createtxg -o name,guid,createtxg -d 1 tank/empty tank/many

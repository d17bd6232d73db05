LC_ALL=C TZ=UTC zfs list -H -p -t snapshot -s createtxg -o name,guid,createtxg,creation,used,referenced,userrefs,fleet:policy,fleet:run,fleet:host -d 1 tank/vol tank/nosuch tank/secret

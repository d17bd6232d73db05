LC_ALL=C ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=2 -o IdentitiesOnly=yes -p 23 -i /home/root/.ssh/id -T -- web1.example env LC_ALL=C TZ=UTC zfs list -H

LC_ALL=C ssh -o BatchMode=yes -o StrictHostKeyChecking=yes -o ConnectTimeout=2 -o IdentitiesOnly=yes -i /home/root/.ssh/id -T -- web1.example sleep 20

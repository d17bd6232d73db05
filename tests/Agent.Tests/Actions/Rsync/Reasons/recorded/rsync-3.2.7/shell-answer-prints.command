LC_ALL=C ssh -o BatchMode=yes -i /home/root/.ssh/id -l loud -T -- web1.example true

LC_ALL=C ssh -o BatchMode=yes -i /home/root/.ssh/id -l silent -T -- web1.example true

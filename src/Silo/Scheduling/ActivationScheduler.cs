namespace Orleans.Runtime;

/// <summary>
/// Runs one activation's work on one thread at a time: its turns, and every continuation of an await in them, because
/// awaits come back to the scheduler they left.
/// </summary>
internal sealed class ActivationScheduler(Activation activation) : TaskScheduler, IThreadPoolWorkItem
{
    /// <summary>How long one activation keeps a thread while others wait for one.</summary>
    private const long QuantumMs = 25;

    private readonly Lock _gate = new();
    private readonly Queue<object> _work = [];
    private bool _scheduled;

    public override int MaximumConcurrencyLevel => 1;

    public void Enqueue(Turn turn) => Add(turn);

    public void Enqueue(Func<Task> work) => Add(work);

    public void Enqueue(Action work) => Add(work);

    protected override void QueueTask(Task task) => Add(task);

    protected override bool TryExecuteTaskInline(Task task, bool taskWasPreviouslyQueued) =>
        !taskWasPreviouslyQueued && ReferenceEquals(RuntimeContext.Current, activation) && TryExecuteTask(task);

    protected override IEnumerable<Task> GetScheduledTasks()
    {
        lock (_gate)
        {
            return [.. _work.OfType<Task>()];
        }
    }

    void IThreadPoolWorkItem.Execute()
    {
        var previous = RuntimeContext.Enter(activation);
        var started = Environment.TickCount64;
        try
        {
            while (true)
            {
                object? next;
                lock (_gate)
                {
                    if (!_work.TryDequeue(out next))
                    {
                        _scheduled = false;
                        return;
                    }
                }

                Run(next);
                if (Environment.TickCount64 - started > QuantumMs)
                {
                    lock (_gate)
                    {
                        if (_work.Count == 0)
                        {
                            _scheduled = false;
                            return;
                        }
                    }

                    ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: false);
                    return;
                }
            }
        }
        finally
        {
            RuntimeContext.Exit(previous);
        }
    }

    private void Run(object work)
    {
        if (work is Task task)
        {
            TryExecuteTask(task);
            return;
        }

        // A task gives the turn this scheduler as its current one. It is made here, on a bare pool thread, so that it captures
        // nothing of the sender's execution context.
        var turn = new Task(
            static state =>
            {
                var (scheduler, work) = ((ActivationScheduler, object))state!;
                scheduler.Start(work);
            },
            (this, work));
        turn.RunSynchronously(this);
    }

    private void Start(object work)
    {
        switch (work)
        {
            case Turn turn:
                activation.Run(turn);
                break;
            case Func<Task> function:
                _ = function();
                break;
            case Action action:
                action();
                break;
        }
    }

    private void Add(object work)
    {
        lock (_gate)
        {
            _work.Enqueue(work);
            if (_scheduled)
            {
                return;
            }

            _scheduled = true;
        }

        ThreadPool.UnsafeQueueUserWorkItem(this, preferLocal: true);
    }
}

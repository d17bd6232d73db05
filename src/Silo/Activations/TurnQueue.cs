namespace Orleans.Runtime;

/// <summary>Turns in the order they came, with removal from the middle. Not thread-safe: its activation's lock guards it.</summary>
internal struct TurnQueue
{
    private Turn? _head;
    private Turn? _tail;

    public int Count { get; private set; }

    public void Append(Turn turn)
    {
        turn.Next = null;
        if (_tail is null)
        {
            _head = turn;
        }
        else
        {
            _tail.Next = turn;
        }

        _tail = turn;
        Count++;
    }

    /// <summary>Takes the first turn that <paramref name="canStart"/> agrees to.</summary>
    /// <param name="canStart">Asked in order.</param>
    /// <param name="headOnly">Whether to look no further than the first.</param>
    public Turn? TakeFirst(Func<Turn, bool> canStart, bool headOnly)
    {
        Turn? before = null;
        for (var turn = _head; turn is not null; before = turn, turn = turn.Next)
        {
            if (canStart(turn))
            {
                Remove(before, turn);
                return turn;
            }

            if (headOnly)
            {
                return null;
            }
        }

        return null;
    }

    /// <summary>Empties the queue.</summary>
    public List<Turn> TakeAll()
    {
        var all = new List<Turn>(Count);
        for (var turn = _head; turn is not null; turn = turn.Next)
        {
            all.Add(turn);
        }

        foreach (var turn in all)
        {
            turn.Next = null;
        }

        _head = _tail = null;
        Count = 0;
        return all;
    }

    private void Remove(Turn? before, Turn turn)
    {
        if (before is null)
        {
            _head = turn.Next;
        }
        else
        {
            before.Next = turn.Next;
        }

        if (_tail == turn)
        {
            _tail = before;
        }

        turn.Next = null;
        Count--;
    }
}

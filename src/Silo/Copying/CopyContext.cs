namespace Orleans.Copying;

/// <summary>
/// One deep copy. Remembers what was copied to what, so that an object that appears twice is one object in the copy too, and a
/// cycle ends.
/// </summary>
internal sealed class CopyContext
{
    private const int LinearLimit = 8;

    private (object Original, object Copy)[]? _first;
    private int _count;
    private Dictionary<object, object>? _all;

    public bool TryGet(object original, out object copy)
    {
        if (_all is not null)
        {
            return _all.TryGetValue(original, out copy!);
        }

        for (var i = 0; i < _count; i++)
        {
            if (ReferenceEquals(_first![i].Original, original))
            {
                copy = _first[i].Copy;
                return true;
            }
        }

        copy = null!;
        return false;
    }

    public void Record(object original, object copy)
    {
        if (_all is null)
        {
            _first ??= new (object, object)[LinearLimit];
            if (_count < LinearLimit)
            {
                _first[_count++] = (original, copy);
                return;
            }

            _all = new(ReferenceEqualityComparer.Instance);
            foreach (var (known, knownCopy) in _first)
            {
                _all.Add(known, knownCopy);
            }
        }

        _all.Add(original, copy);
    }
}

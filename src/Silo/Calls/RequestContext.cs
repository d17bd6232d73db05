using System.Collections.Immutable;
using Orleans.Copying;

namespace Orleans.Runtime;

/// <summary>
/// Values that go along with calls: what is set before a call can be read in the grain that is called, and in the ones that it
/// calls. What a grain sets does not come back to its caller.
/// </summary>
public static class RequestContext
{
    private static readonly AsyncLocal<RequestContextData?> CurrentData = new();

    /// <summary>The names that are set.</summary>
    public static IEnumerable<string> Keys => CurrentData.Value?.Values.Keys ?? [];

    /// <summary>The names that are set, and their values.</summary>
    public static IEnumerable<KeyValuePair<string, object>> Entries => CurrentData.Value?.Values ?? (IEnumerable<KeyValuePair<string, object>>)[];

    /// <summary>The call chain that may re-enter grains which allowed it; empty outside of such chains.</summary>
    public static Guid ReentrancyId
    {
        get => CurrentData.Value?.ReentrancyId ?? Guid.Empty;
        set => CurrentData.Value = RequestContextData.Make(CurrentData.Value?.Values ?? RequestContextData.NoValues, value);
    }

    internal static RequestContextData? Current
    {
        get => CurrentData.Value;
        set => CurrentData.Value = value;
    }

    /// <summary>A value, or null.</summary>
    public static object? Get(string key) => CurrentData.Value?.Values.GetValueOrDefault(key);

    /// <summary>Sets a value for the calls that follow in this flow of control.</summary>
    public static void Set(string key, object value) => CurrentData.Value = RequestContextData.Make(
        (CurrentData.Value?.Values ?? RequestContextData.NoValues).SetItem(key, value),
        ReentrancyId);

    /// <summary>Removes a value.</summary>
    /// <returns>Whether it was set.</returns>
    public static bool Remove(string key)
    {
        if (CurrentData.Value is not { } data || !data.Values.ContainsKey(key))
        {
            return false;
        }

        CurrentData.Value = RequestContextData.Make(data.Values.Remove(key), data.ReentrancyId);
        return true;
    }

    /// <summary>Removes all values.</summary>
    public static void Clear() => CurrentData.Value = null;

    /// <summary>Until disposed: calls made from here may come back to this grain while it waits for them.</summary>
    public static ReentrancySection AllowCallChainReentrancy()
    {
        var original = ReentrancyId;
        var section = original == Guid.Empty ? Guid.NewGuid() : original;
        return new ReentrancySection(original, section);
    }

    /// <summary>Until disposed: calls made from here may not re-enter anything.</summary>
    public static ReentrancySection SuppressCallChainReentrancy() => new(ReentrancyId, Guid.Empty);

    /// <summary>A part of a method in which reentrancy is allowed or not.</summary>
    public readonly struct ReentrancySection : IDisposable
    {
        private readonly Guid _original;
        private readonly Guid _new;
        private readonly ICallChainReentrantGrainContext? _context;

        /// <summary>Begins the section.</summary>
        public ReentrancySection(Guid originalReentrancyId, Guid newReentrancyId)
        {
            _original = originalReentrancyId;
            _new = newReentrancyId;
            _context = RuntimeContext.Current as ICallChainReentrantGrainContext;
            if (_new != _original)
            {
                ReentrancyId = _new;
            }

            if (_new != Guid.Empty)
            {
                _context?.OnEnterReentrantSection(_new);
            }
        }

        /// <summary>Ends the section.</summary>
        public void Dispose()
        {
            if (_new != Guid.Empty)
            {
                _context?.OnExitReentrantSection(_new);
            }

            if (_new != _original)
            {
                ReentrancyId = _original;
            }
        }
    }
}

/// <summary>What goes along with a call. Immutable, so that it can be handed over as it is.</summary>
internal sealed record RequestContextData(ImmutableDictionary<string, object> Values, Guid ReentrancyId)
{
    public static ImmutableDictionary<string, object> NoValues { get; } = ImmutableDictionary.Create<string, object>(StringComparer.Ordinal);

    public static RequestContextData? Make(ImmutableDictionary<string, object> values, Guid reentrancyId) =>
        values.IsEmpty && reentrancyId == Guid.Empty ? null : new(values, reentrancyId);

    /// <summary>The same with copies of the values that could change.</summary>
    public RequestContextData ForCall(Copiers copiers)
    {
        var values = Values;
        foreach (var (key, value) in Values)
        {
            if (copiers.OfInstancesOf(value.GetType()) is { } copier)
            {
                values = values.SetItem(key, copier.Copy(value, new CopyContext()));
            }
        }

        return ReferenceEquals(values, Values) ? this : this with { Values = values };
    }
}

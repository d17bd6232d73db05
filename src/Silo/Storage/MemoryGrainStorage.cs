using System.Collections.Concurrent;
using Orleans.Copying;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>State in memory: gone with the process, for tests.</summary>
internal sealed class MemoryGrainStorage(SiloRuntime silo) : IGrainStorage
{
    private readonly ConcurrentDictionary<(GrainId Grain, string State), (object? Value, string ETag)> _states = new();

    public Task ReadStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        if (_states.TryGetValue((grainId, stateName), out var stored))
        {
            grainState.State = Copy<T>(stored.Value);
            grainState.ETag = stored.ETag;
            grainState.RecordExists = true;
        }
        else
        {
            grainState.State = Activator.CreateInstance<T>();
            grainState.ETag = null;
            grainState.RecordExists = false;
        }

        return Task.CompletedTask;
    }

    public Task WriteStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var next = (Value: (object?)Copy<T>(grainState.State), ETag: Guid.NewGuid().ToString("N"));
        if (!TryReplace((grainId, stateName), grainState.ETag, next))
        {
            throw Lost(stateName, grainId, grainState.ETag);
        }

        grainState.ETag = next.ETag;
        grainState.RecordExists = true;
        return Task.CompletedTask;
    }

    public Task ClearStateAsync<T>(string stateName, GrainId grainId, IGrainState<T> grainState)
    {
        var key = (grainId, stateName);
        var gone = _states.TryGetValue(key, out var stored)
            ? stored.ETag == grainState.ETag && _states.TryRemove(new(key, stored))
            : grainState.ETag is null;
        if (!gone)
        {
            throw Lost(stateName, grainId, grainState.ETag);
        }

        grainState.ETag = null;
        grainState.RecordExists = false;
        return Task.CompletedTask;
    }

    private bool TryReplace((GrainId Grain, string State) key, string? etag, (object? Value, string ETag) next) =>
        etag is null
            ? _states.TryAdd(key, next)
            : _states.TryGetValue(key, out var stored) && stored.ETag == etag && _states.TryUpdate(key, next, stored);

    private InconsistentStateException Lost(string stateName, GrainId grainId, string? etag) => new(
        $"State \"{stateName}\" of {grainId} was changed by somebody else.",
        _states.TryGetValue((grainId, stateName), out var stored) ? stored.ETag : null,
        etag);

    private T Copy<T>(object? value) => value is null || silo.Copiers.OfInstancesOf(value.GetType()) is not { } copier
        ? (T)value!
        : (T)copier.Copy(value, new CopyContext());
}

using System.Reflection;
using Microsoft.Extensions.DependencyInjection;
using Orleans.Runtime;

namespace Orleans.Storage;

/// <summary>Makes the state that a grain's constructor asks for, and reads it before the grain becomes active.</summary>
internal static class PersistentStates
{
    private const string DefaultStorage = "Default";

    /// <exception cref="OrleansConfigurationException">The parameter has another type.</exception>
    public static Func<Activation, object> FactoryFor(ParameterInfo parameter, PersistentStateAttribute attribute)
    {
        var type = parameter.ParameterType;
        if (!type.IsGenericType || type.GetGenericTypeDefinition() != typeof(IPersistentState<>))
        {
            throw new OrleansConfigurationException(
                $"{parameter.Member.DeclaringType!.FullName}: parameter {parameter.Name} is marked as [PersistentState] and must be an IPersistentState<T>.");
        }

        var name = string.IsNullOrEmpty(attribute.StateName) ? parameter.Name! : attribute.StateName;
        return typeof(PersistentStates)
            .GetMethod(nameof(Factory), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(type.GenericTypeArguments)
            .Invoke(null, [name, attribute.StorageName]) as Func<Activation, object> ?? throw new InvalidOperationException();
    }

    private static Func<Activation, object> Factory<TState>(string stateName, string? storageName) => activation =>
    {
        var storage = activation.ActivationServices.GetKeyedService<IGrainStorage>(storageName ?? DefaultStorage)
            ?? (storageName is null ? activation.ActivationServices.GetService<IGrainStorage>() : null)
            ?? throw new OrleansConfigurationException($"No storage is registered under the name \"{storageName ?? DefaultStorage}\".");
        var state = new PersistentState<TState>(stateName, activation.GrainId, storage);
        activation.ObservableLifecycle.Subscribe(stateName, GrainLifecycleStage.SetupState, state);
        return state;
    };

    private sealed class PersistentState<TState>(string stateName, GrainId grainId, IGrainStorage storage)
        : IPersistentState<TState>, ILifecycleObserver
    {
        private readonly GrainState<TState> _state = new(Activator.CreateInstance<TState>());

        public TState State
        {
            get => _state.State;
            set => _state.State = value;
        }

        public string? Etag => _state.ETag;

        public bool RecordExists => _state.RecordExists;

        public Task ReadStateAsync() => storage.ReadStateAsync(stateName, grainId, _state);

        public Task WriteStateAsync() => storage.WriteStateAsync(stateName, grainId, _state);

        public async Task ClearStateAsync()
        {
            await storage.ClearStateAsync(stateName, grainId, _state);
            if (!_state.RecordExists)
            {
                _state.State = Activator.CreateInstance<TState>();
            }
        }

        public Task OnStart(CancellationToken cancellationToken) => ReadStateAsync();

        public Task OnStop(CancellationToken cancellationToken) => Task.CompletedTask;
    }
}

using System.Collections.Concurrent;
using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A call on its way through the incoming filters to the grain's method.</summary>
internal sealed class IncomingCall(GrainRequest request, object instance, IGrainContext context, IIncomingGrainCallFilter[] filters)
    : IIncomingGrainCallContext
{
    private static readonly ConcurrentDictionary<(Type Class, MethodInfo Method), MethodInfo> Implementations = new();

    private int _stage;

    public IInvokable Request => request;

    public object Grain => instance;

    public GrainId? SourceId => request.Source?.GrainId;

    public GrainId TargetId => request.Target;

    public GrainInterfaceType InterfaceType => request.Method.InterfaceId;

    public string InterfaceName => request.Method.InterfaceType.FullName!;

    public string MethodName => request.Method.Method.Name;

    public MethodInfo InterfaceMethod => request.Method.Method;

    public IGrainContext TargetContext => context;

    public MethodInfo ImplementationMethod => Implementations.GetOrAdd(
        (instance.GetType(), request.Method.Method),
        static key =>
        {
            var map = key.Class.GetInterfaceMap(key.Method.DeclaringType!);
            return map.TargetMethods[Array.IndexOf(map.InterfaceMethods, key.Method)];
        });

    public object? Result { get; set; }

    public async Task Invoke()
    {
        if (_stage < filters.Length)
        {
            await filters[_stage++].Invoke(this);
        }
        else if (_stage++ == filters.Length)
        {
            var task = request.Method.Invoke(instance, request.Arguments);
            await task;
            Result = request.Method.ReadResult(task);
        }
        else
        {
            throw new InvalidOperationException("A filter went on with the same call twice.");
        }
    }
}

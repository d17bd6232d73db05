using System.Reflection;
using Orleans.Serialization.Invocation;

namespace Orleans.Runtime;

/// <summary>A call on its way through the outgoing filters to its sending.</summary>
internal sealed class OutgoingCall(GrainReference reference, MethodDescriptor method, object?[] arguments, IOutgoingGrainCallFilter[] filters)
    : IOutgoingGrainCallContext, IInvokable
{
    private int _stage;

    public IGrainContext? SourceContext { get; } = RuntimeContext.Current;

    public IInvokable Request => this;

    public object Grain => reference;

    public GrainId? SourceId => SourceContext?.GrainId;

    public GrainId TargetId => reference.GrainId;

    public GrainInterfaceType InterfaceType => method.InterfaceId;

    public string InterfaceName => method.InterfaceType.FullName!;

    public string MethodName => method.Method.Name;

    public MethodInfo InterfaceMethod => method.Method;

    public object? Result { get; set; }

    public async Task Invoke()
    {
        if (_stage < filters.Length)
        {
            await filters[_stage++].Invoke(this);
        }
        else if (_stage++ == filters.Length)
        {
            if (method.IsOneWay)
            {
                reference.Shared.Runtime.Send(reference.GrainId, method, arguments, null);
                return;
            }

            var response = new ResponseSource<object?>();
            reference.Shared.Runtime.Send(reference.GrainId, method, arguments, response);
            Result = await response.Task;
        }
        else
        {
            throw new InvalidOperationException("A filter went on with the same call twice.");
        }
    }

    int IInvokable.GetArgumentCount() => arguments.Length;

    object? IInvokable.GetArgument(int index) => arguments[index];

    void IInvokable.SetArgument(int index, object value) => arguments[index] = value;

    string IInvokable.GetMethodName() => method.Method.Name;

    string IInvokable.GetInterfaceName() => method.InterfaceType.FullName!;

    string IInvokable.GetActivityName() => method.ActivityName;

    MethodInfo IInvokable.GetMethod() => method.Method;

    Type IInvokable.GetInterfaceType() => method.InterfaceType;

    TimeSpan? IInvokable.GetDefaultResponseTimeout() => method.ResponseTimeout;
}

using System.Linq.Expressions;
using System.Reflection;
using Orleans.Concurrency;
using Orleans.Copying;

namespace Orleans.Runtime;

/// <summary>What the silo knows of one interface method: how to call it, what to copy, and which rules it has.</summary>
internal sealed class MethodDescriptor
{
    private readonly Func<object, object?[], Task> _invoke;
    private readonly Func<Task, object?>? _readResult;
    private readonly ObjectCopier?[] _argumentCopiers;
    private readonly ObjectCopier? _resultCopier;
    private readonly bool _copiesArguments;

    public MethodDescriptor(Type interfaceType, GrainInterfaceType interfaceId, MethodInfo method, Copiers copiers)
    {
        InterfaceType = interfaceType;
        InterfaceId = interfaceId;
        Method = method;
        ActivityName = $"{interfaceType.Name}/{method.Name}";
        AlwaysInterleave = method.IsDefined(typeof(AlwaysInterleaveAttribute), inherit: true);
        IsReadOnly = method.IsDefined(typeof(ReadOnlyAttribute), inherit: true);
        IsOneWay = method.ReturnType == typeof(void) || method.IsDefined(typeof(OneWayAttribute), inherit: true);
        ResponseTimeout = method.GetCustomAttribute<ResponseTimeoutAttribute>()?.Timeout;
        Shape = ReturnShape.Of(method.ReturnType);
        var parameters = method.GetParameters();
        CancellationTokenIndex = Array.FindIndex(parameters, p => p.ParameterType == typeof(CancellationToken));
        _argumentCopiers = [.. parameters.Select(p =>
            p.IsDefined(typeof(ImmutableAttribute)) ? null : copiers.For(p.ParameterType))];
        _copiesArguments = _argumentCopiers.Any(c => c is not null);
        _resultCopier = Shape.Result is null || method.ReturnParameter.IsDefined(typeof(ImmutableAttribute))
            ? null
            : copiers.For(Shape.Result);
        _invoke = CompileInvoke(method, Shape);
        _readResult = Shape.Result is null ? null : ReadResultOf(Shape.Result);
    }

    public Type InterfaceType { get; }

    public GrainInterfaceType InterfaceId { get; }

    public MethodInfo Method { get; }

    public ReturnShape Shape { get; }

    /// <summary>"IHostGrain/Heartbeat".</summary>
    public string ActivityName { get; }

    public bool AlwaysInterleave { get; }

    public bool IsReadOnly { get; }

    public bool IsOneWay { get; }

    /// <summary>Which argument is a cancellation token; -1 for none.</summary>
    public int CancellationTokenIndex { get; }

    /// <summary>The method's own time limit.</summary>
    public TimeSpan? ResponseTimeout { get; }

    /// <summary>Calls the method on a grain or an observer. What the method throws before its first await is thrown from here.</summary>
    public Task Invoke(object target, object?[] arguments) => _invoke(target, arguments);

    /// <summary>The result of a task that <see cref="Invoke"/> returned and that ended well.</summary>
    public object? ReadResult(Task task) => _readResult?.Invoke(task);

    /// <summary>Puts copies in the place of arguments, so that caller and grain share nothing that can change.</summary>
    public void CopyArguments(object?[] arguments)
    {
        if (!_copiesArguments)
        {
            return;
        }

        var context = new CopyContext();
        for (var i = 0; i < arguments.Length; i++)
        {
            if (_argumentCopiers[i] is { } copier && arguments[i] is { } argument)
            {
                arguments[i] = copier.Copy(argument, context);
            }
        }
    }

    /// <summary>A copy of the result, for the caller alone.</summary>
    public object? CopyResult(object? result) =>
        _resultCopier is null || result is null ? result : _resultCopier.Copy(result, new CopyContext());

    private static Func<object, object?[], Task> CompileInvoke(MethodInfo method, ReturnShape shape)
    {
        var target = Expression.Parameter(typeof(object), "target");
        var arguments = Expression.Parameter(typeof(object?[]), "arguments");
        var call = Expression.Call(
            Expression.Convert(target, method.DeclaringType!),
            method,
            method.GetParameters().Select((p, i) =>
                Expression.Convert(Expression.ArrayIndex(arguments, Expression.Constant(i)), p.ParameterType)));
        Expression body = shape.Kind switch
        {
            ReturnKind.Void => Expression.Block(call, Expression.Constant(Task.CompletedTask)),
            ReturnKind.ValueTask => Expression.Call(call, nameof(ValueTask.AsTask), Type.EmptyTypes),
            _ => call,
        };
        return Expression.Lambda<Func<object, object?[], Task>>(Expression.Convert(body, typeof(Task)), target, arguments).Compile();
    }

    private static Func<Task, object?> ReadResultOf(Type result) =>
        typeof(MethodDescriptor).GetMethod(nameof(ReadTyped), BindingFlags.Static | BindingFlags.NonPublic)!
            .MakeGenericMethod(result)
            .CreateDelegate<Func<Task, object?>>();

    private static object? ReadTyped<T>(Task task) => ((Task<T>)task).Result;
}

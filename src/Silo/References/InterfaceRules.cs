using System.Reflection;
using Orleans.Copying;
using Orleans.Serialization;

namespace Orleans.Runtime;

/// <summary>
/// What Orleans' compiler, analyzers and serializer demand of grain interfaces, looked at when the silo starts, so that code
/// which runs here also runs there.
/// </summary>
internal static class InterfaceRules
{
    /// <exception cref="OrleansConfigurationException">A rule is broken.</exception>
    public static void Check(Type interfaceType, MethodInfo method, Copiers copiers)
    {
        var where = $"{method.DeclaringType!.FullName}.{method.Name}";
        if (method.IsSpecialName)
        {
            throw new OrleansConfigurationException($"{where}: a grain interface has methods only, no properties or events.");
        }

        if (method.IsGenericMethodDefinition)
        {
            throw new OrleansConfigurationException($"{where}: generic methods are not part of this subset.");
        }

        var shape = ReturnShape.Of(method.ReturnType);
        if (shape.Kind == ReturnKind.Unsupported)
        {
            throw new OrleansConfigurationException($"{where} returns {method.ReturnType}: a grain method returns Task, Task<T>, ValueTask or ValueTask<T>.");
        }

        if (shape.Kind == ReturnKind.Void && !typeof(IGrainObserver).IsAssignableFrom(interfaceType))
        {
            throw new OrleansConfigurationException($"{where} returns void: only observers may.");
        }

        if (shape.Result is not null && method.IsDefined(typeof(Concurrency.OneWayAttribute)))
        {
            throw new OrleansConfigurationException($"{where} is [OneWay] and has a result: nobody would ever get it.");
        }

        foreach (var parameter in method.GetParameters())
        {
            if (parameter.ParameterType.IsByRef)
            {
                throw new OrleansConfigurationException($"{where}: parameter {parameter.Name} is ref, in or out, and cannot cross a call.");
            }

            Check(parameter.ParameterType, $"{where}, parameter {parameter.Name}", copiers);
        }

        if (shape.Result is not null)
        {
            Check(shape.Result, $"{where}, result", copiers);
        }
    }

    private static void Check(Type type, string where, Copiers copiers)
    {
        if (type == typeof(CancellationToken))
        {
            return;
        }

        try
        {
            copiers.Validate(type);
        }
        catch (CodecNotFoundException exception)
        {
            throw new OrleansConfigurationException($"{where}: {exception.Message}", exception);
        }
    }
}

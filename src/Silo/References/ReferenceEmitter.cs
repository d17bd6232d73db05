using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Runtime;

/// <summary>
/// Makes the class behind references to one interface: derived from <see cref="GrainReference"/>, each method packs its arguments
/// and hands them on. Orleans generates the same at compile time.
/// </summary>
internal static class ReferenceEmitter
{
    private static readonly ConstructorInfo BaseConstructor = typeof(GrainReference).GetConstructor(
        BindingFlags.Instance | BindingFlags.NonPublic, [typeof(GrainReferenceShared), typeof(IdSpan)])!;

    public static Func<GrainReferenceShared, IdSpan, GrainReference> Emit(Type interfaceType, MethodInfo[] methods)
    {
        var assembly = AssemblyBuilder.DefineDynamicAssembly(
            new AssemblyName($"Orleans.References.{interfaceType.FullName}"), AssemblyBuilderAccess.Run);
        GrantAccess(assembly, interfaceType, methods);
        var type = assembly.DefineDynamicModule("References").DefineType(
            "Reference_" + interfaceType.Name,
            TypeAttributes.Public | TypeAttributes.Sealed,
            typeof(GrainReference),
            [interfaceType]);
        EmitConstructor(type);
        for (var i = 0; i < methods.Length; i++)
        {
            EmitMethod(type, methods[i], i);
        }

        return CompileCreate(type.CreateType());
    }

    /// <summary>Interfaces, and the types in their methods, may be internal to the assembly of the grains.</summary>
    private static void GrantAccess(AssemblyBuilder assembly, Type interfaceType, MethodInfo[] methods)
    {
        var constructor = typeof(IgnoresAccessChecksToAttribute).GetConstructor([typeof(string)])!;
        var names = methods
            .SelectMany(m => m.GetParameters().Select(p => p.ParameterType).Append(m.ReturnType).Append(m.DeclaringType!))
            .Append(interfaceType)
            .SelectMany(AllParts)
            .Select(t => t.Assembly.GetName().Name!)
            .Distinct();
        foreach (var name in names)
        {
            assembly.SetCustomAttribute(new CustomAttributeBuilder(constructor, [name]));
        }
    }

    private static IEnumerable<Type> AllParts(Type type) =>
        type.HasElementType ? AllParts(type.GetElementType()!) : type.GetGenericArguments().SelectMany(AllParts).Prepend(type);

    private static void EmitConstructor(TypeBuilder type)
    {
        var il = type.DefineConstructor(
            MethodAttributes.Public, CallingConventions.HasThis, [typeof(GrainReferenceShared), typeof(IdSpan)]).GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Ldarg_2);
        il.Emit(OpCodes.Call, BaseConstructor);
        il.Emit(OpCodes.Ret);
    }

    private static void EmitMethod(TypeBuilder type, MethodInfo method, int index)
    {
        var parameters = method.GetParameters().Select(p => p.ParameterType).ToArray();

        // Implemented explicitly, so that methods of the same name in several interfaces don't meet.
        var builder = type.DefineMethod(
            $"{method.DeclaringType!.FullName}.{method.Name}",
            MethodAttributes.Private | MethodAttributes.Virtual | MethodAttributes.Final | MethodAttributes.NewSlot | MethodAttributes.HideBySig,
            method.ReturnType,
            parameters);
        var il = builder.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldc_I4, index);
        il.Emit(OpCodes.Ldc_I4, parameters.Length);
        il.Emit(OpCodes.Newarr, typeof(object));
        for (var i = 0; i < parameters.Length; i++)
        {
            il.Emit(OpCodes.Dup);
            il.Emit(OpCodes.Ldc_I4, i);
            il.Emit(OpCodes.Ldarg, (short)(i + 1));
            if (parameters[i].IsValueType)
            {
                il.Emit(OpCodes.Box, parameters[i]);
            }

            il.Emit(OpCodes.Stelem_Ref);
        }

        il.Emit(OpCodes.Call, Invoker(ReturnShape.Of(method.ReturnType)));
        il.Emit(OpCodes.Ret);
        type.DefineMethodOverride(builder, method);
    }

    private static MethodInfo Invoker(ReturnShape shape)
    {
        var name = shape.Kind switch
        {
            ReturnKind.Void => "InvokeVoid",
            ReturnKind.ValueTask => "InvokeValueTask",
            _ => "InvokeTask",
        };
        var method = typeof(GrainReference)
            .GetMethods(BindingFlags.Instance | BindingFlags.NonPublic)
            .Single(m => m.Name == name && m.IsGenericMethodDefinition == shape.Result is not null);
        return shape.Result is null ? method : method.MakeGenericMethod(shape.Result);
    }

    private static Func<GrainReferenceShared, IdSpan, GrainReference> CompileCreate(Type type)
    {
        var create = new DynamicMethod("Create", typeof(GrainReference), [typeof(GrainReferenceShared), typeof(IdSpan)], type, skipVisibility: true);
        var il = create.GetILGenerator();
        il.Emit(OpCodes.Ldarg_0);
        il.Emit(OpCodes.Ldarg_1);
        il.Emit(OpCodes.Newobj, type.GetConstructors().Single());
        il.Emit(OpCodes.Ret);
        return create.CreateDelegate<Func<GrainReferenceShared, IdSpan, GrainReference>>();
    }
}

using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;

namespace Orleans.Copying;

/// <summary>Copies an object member by member, with code made for its type. Members that are not carried keep their defaults.</summary>
internal sealed class MemberwiseCopier : ReferenceCopier
{
    private readonly Type _type;
    private readonly Func<object> _create;
    private readonly ObjectCopier?[] _copiers;
    private readonly Action<object, object, ObjectCopier?[], CopyContext> _fill;

    private MemberwiseCopier(Type type, CopiedMember[] members, Copiers copiers)
    {
        _type = type;
        _create = CreateOf(type);
        _copiers = [.. members.Select(m => m.IsShared ? null : copiers.For(m.Field.FieldType))];
        _fill = Compile(type, members, _copiers);
    }

    public static ObjectCopier For(Type type, CopiedMember[] members, Copiers copiers)
    {
        var copier = new MemberwiseCopier(type, members, copiers);
        return type.IsValueType ? new StructureCopier(copier) : copier;
    }

    protected override object CopyNew(object value, CopyContext context)
    {
        var copy = _create();
        context.Record(value, copy);
        _fill(value, copy, _copiers, context);
        return copy;
    }

    /// <summary>Called by the made code.</summary>
    private static object? CopyMember(ObjectCopier copier, object? value, CopyContext context) =>
        value is null ? null : copier.Copy(value, context);

    /// <summary>
    /// As Orleans does: the constructor without parameters where there is one, so that members that are not carried get their
    /// initializers' values, else no constructor at all.
    /// </summary>
    private static Func<object> CreateOf(Type type)
    {
        if (type.IsValueType || type.GetConstructor(BindingFlags.Instance | BindingFlags.Public, Type.EmptyTypes) is not { } constructor)
        {
            return () => RuntimeHelpers.GetUninitializedObject(type);
        }

        var method = new DynamicMethod("Create", typeof(object), Type.EmptyTypes, typeof(MemberwiseCopier).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Newobj, constructor);
        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Func<object>>();
    }

    private static Action<object, object, ObjectCopier?[], CopyContext> Compile(Type type, CopiedMember[] members, ObjectCopier?[] copiers)
    {
        var copyMember = typeof(MemberwiseCopier).GetMethod(nameof(CopyMember), BindingFlags.Static | BindingFlags.NonPublic)!;
        var method = new DynamicMethod(
            "Fill",
            typeof(void),
            [typeof(object), typeof(object), typeof(ObjectCopier[]), typeof(CopyContext)],
            typeof(MemberwiseCopier).Module,
            skipVisibility: true);
        var il = method.GetILGenerator();
        var open = type.IsValueType ? OpCodes.Unbox : OpCodes.Castclass;
        for (var i = 0; i < members.Length; i++)
        {
            var field = members[i].Field;
            il.Emit(OpCodes.Ldarg_1);
            il.Emit(open, type);
            if (copiers[i] is not null)
            {
                il.Emit(OpCodes.Ldarg_2);
                il.Emit(OpCodes.Ldc_I4, i);
                il.Emit(OpCodes.Ldelem_Ref);
            }

            il.Emit(OpCodes.Ldarg_0);
            il.Emit(open, type);
            il.Emit(OpCodes.Ldfld, field);
            if (copiers[i] is not null)
            {
                if (field.FieldType.IsValueType)
                {
                    il.Emit(OpCodes.Box, field.FieldType);
                }

                il.Emit(OpCodes.Ldarg_3);
                il.Emit(OpCodes.Call, copyMember);
                il.Emit(OpCodes.Unbox_Any, field.FieldType);
            }

            il.Emit(OpCodes.Stfld, field);
        }

        il.Emit(OpCodes.Ret);
        return method.CreateDelegate<Action<object, object, ObjectCopier?[], CopyContext>>();
    }

    /// <summary>The same for structures: they have no identity, so each appearance is copied.</summary>
    private sealed class StructureCopier(MemberwiseCopier members) : ObjectCopier
    {
        public override object Copy(object value, CopyContext context)
        {
            var copy = RuntimeHelpers.GetUninitializedObject(members._type);
            members._fill(value, copy, members._copiers, context);
            return copy;
        }
    }
}

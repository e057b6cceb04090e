using System.Globalization;
using System.Runtime.InteropServices;
using System.Text;
using Engine.Core.Memory;
using Engine.Inference;
using Engine.Inference.Networks;

namespace Engine.Latency.Trees;

/// <summary>
/// The same trees in XGBoost, through its C interface: prediction in place from one dense row, one thread. Optional: the library
/// (Debian's libxgboost0) is looked for when it is asked for.
/// </summary>
public sealed unsafe class XgboostPredictor : Predictor
{
    private const string Library = "libxgboost.so.0";

    // NaN is what is missing; all trees.
    private static readonly byte[] s_configuration = Encoding.ASCII.GetBytes(
        """{"type":0,"training":false,"iteration_begin":0,"iteration_end":0,"strict_shape":false,"missing":NaN,"cache_id":0}""" + "\0");

    private readonly NativeBuffer<float> _row;
    private readonly byte[] _interface;
    private readonly delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint, ulong**, ulong*, float**, int> _predict;
    private readonly delegate* unmanaged[Cdecl]<nint, int> _free;
    private readonly delegate* unmanaged[Cdecl]<byte*> _error;
    private readonly nint _booster;

    private XgboostPredictor(nint library, TreeEnsemble ensemble)
    {
        // SAFETY: the signatures are those of XGBoost's c_api.h; every pointer that is passed outlives the call.
        var create = (delegate* unmanaged[Cdecl]<nint, ulong, nint*, int>)NativeLibrary.GetExport(library, "XGBoosterCreate");
        var load = (delegate* unmanaged[Cdecl]<nint, byte*, ulong, int>)NativeLibrary.GetExport(library, "XGBoosterLoadModelFromBuffer");
        var set = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, int>)NativeLibrary.GetExport(library, "XGBoosterSetParam");
        _predict = (delegate* unmanaged[Cdecl]<nint, byte*, byte*, nint, ulong**, ulong*, float**, int>)NativeLibrary.GetExport(library, "XGBoosterPredictFromDense");
        _free = (delegate* unmanaged[Cdecl]<nint, int>)NativeLibrary.GetExport(library, "XGBoosterFree");
        _error = (delegate* unmanaged[Cdecl]<byte*>)NativeLibrary.GetExport(library, "XGBGetLastError");
        FeatureCount = ensemble.FeatureCount;
        _row = new NativeBuffer<float>(FeatureCount);
        _interface = Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture,
            $$"""{"data":[{{(nint)_row.Pointer}},true],"shape":[1,{{FeatureCount}}],"strides":null,"typestr":"<f4","version":3}""") + "\0");
        byte[] model = Encoding.ASCII.GetBytes(Model(ensemble));
        nint booster;
        Check(create(0, 0, &booster), "XGBoosterCreate");
        _booster = booster;
        fixed (byte* m = model, key = "nthread\0"u8, one = "1\0"u8)
        {
            Check(load(booster, m, (ulong)model.Length), "XGBoosterLoadModelFromBuffer");
            Check(set(booster, key, one), "XGBoosterSetParam");
        }
    }

    /// <inheritdoc/>
    public override string Kernel => "xgboost";

    /// <inheritdoc/>
    public override int FeatureCount { get; }

    /// <summary>The trees in XGBoost, or null where the library cannot be loaded.</summary>
    public static XgboostPredictor? TryCreate(TreeEnsemble ensemble) =>
        NativeLibrary.TryLoad(Library, out nint library) ? new XgboostPredictor(library, ensemble) : null;

    /// <inheritdoc/>
    public override float Predict(ReadOnlySpan<float> normalised)
    {
        normalised[..FeatureCount].CopyTo(_row.Span);
        ulong* shape;
        ulong dimensions;
        float* result;

        // SAFETY: texts are zero-terminated; the result stays the library's until the next call.
        fixed (byte* values = _interface, configuration = s_configuration)
        {
            Check(_predict(_booster, values, configuration, 0, &shape, &dimensions, &result), "XGBoosterPredictFromDense");
        }

        return result[0];
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        _free(_booster);
        _row.Dispose();
    }

    private void Check(int status, string call)
    {
        if (status != 0)
        {
            throw new InvalidOperationException($"{call}: {Marshal.PtrToStringUTF8((nint)_error())}");
        }
    }

    // XGBoost's JSON model; it asks x < threshold.
    private static string Model(TreeEnsemble ensemble)
    {
        var text = new StringBuilder("""{"version":[1,7,4],"learner":{"attributes":{},"feature_names":[],"feature_types":[],"gradient_booster":{"name":"gbtree","model":{""");
        text.Append(CultureInfo.InvariantCulture, $$"""
            "gbtree_model_param":{"num_trees":"{{ensemble.Trees.Count}}","num_parallel_tree":"1","size_leaf_vector":"0"},"tree_info":[{{string.Join(',', ensemble.Trees.Select(_ => 0))}}],"trees":[
            """);
        for (int t = 0; t < ensemble.Trees.Count; t++)
        {
            text.Append(t == 0 ? "" : ",");
            Tree(text, t, ensemble.Trees[t].Nodes.ToArray(), ensemble.FeatureCount);
        }

        text.Append(CultureInfo.InvariantCulture, $$$$"""
            ]}},"learner_model_param":{"base_score":"0E0","boost_from_average":"1","num_class":"0","num_feature":"{{{{ensemble.FeatureCount}}}}","num_target":"1"},"objective":{"name":"reg:squarederror","reg_loss_param":{"scale_pos_weight":"1"
            """).Append("}}}}");
        return text.ToString();
    }

    private static void Tree(StringBuilder text, int id, TreeNode[] nodes, int features)
    {
        var parents = new int[nodes.Length];
        parents[0] = int.MaxValue;
        for (int i = 0; i < nodes.Length; i++)
        {
            if (!nodes[i].IsLeaf)
            {
                parents[nodes[i].WhenTrue] = parents[nodes[i].WhenFalse] = i;
            }
        }

        List("base_weights", n => "0E0");
        text.Append(CultureInfo.InvariantCulture, $$"""
            "categories":[],"categories_nodes":[],"categories_segments":[],"categories_sizes":[],"id":{{id}},"parents":[{{string.Join(',', parents)}}],
            """);
        List("default_left", n => n.MissingIsTrue ? "1" : "0");
        List("left_children", n => n.IsLeaf ? "-1" : n.WhenTrue.ToString(CultureInfo.InvariantCulture));
        List("right_children", n => n.IsLeaf ? "-1" : n.WhenFalse.ToString(CultureInfo.InvariantCulture));
        List("loss_changes", n => "0E0");
        List("sum_hessian", n => "1E0");
        List("split_type", n => "0");
        List("split_indices", n => Math.Max(0, n.Feature).ToString(CultureInfo.InvariantCulture));
        List("split_conditions", n => (n.IsLeaf ? n.Value : MathF.BitIncrement(n.Threshold)).ToString("E8", CultureInfo.InvariantCulture));
        text.Append(CultureInfo.InvariantCulture, $$$"""
            "tree_param":{"num_deleted":"0","num_feature":"{{{features}}}","num_nodes":"{{{nodes.Length}}}","size_leaf_vector":"0"}}
            """);

        void List(string name, Func<TreeNode, string> value) =>
            text.Append(name == "base_weights" ? "{" : "").Append('"').Append(name).Append("\":[").AppendJoin(',', nodes.Select(value)).Append("],");
    }
}

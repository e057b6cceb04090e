using Engine.Inference.Networks;

namespace Engine.Training.Import;

/// <summary>
/// One tree of a LightGBM model file, lists as they are there. A child that is not negative is a split, −1 − i is leaf i.
/// </summary>
/// <remarks>
/// LightGBM compares x ≤ threshold in float64; for a float32 x that is x ≤ the largest float32 that is not above the
/// threshold, so that the decisions are the same. `decision_type`: bit 0 a categorical split, bit 1 missing goes left, bits 2
/// and 3 what is missing: nothing (NaN is then taken as 0), zero (±1e−35, and NaN), or NaN.
/// </remarks>
internal sealed class LightGbmTree
{
    // What LightGBM takes as zero, both ends included.
    private const float Zero = 1e-35f;

    public required string Name { get; init; }

    public required int[] Features { get; init; }

    public required double[] Thresholds { get; init; }

    public required int[] Decisions { get; init; }

    public required int[] Left { get; init; }

    public required int[] Right { get; init; }

    public required double[] Leaves { get; init; }

    // A question that is still to be put in: of a split the question that LightGBM asks, or the second or third of those that
    // it takes to say the same; or a leaf.
    private readonly record struct Open(int Node, int Step);

    /// <summary>The tree with the same decisions for every float32 row.</summary>
    /// <exception cref="LightGbmException">Not a tree, a categorical split, or more nodes than a tree may have.</exception>
    public DecisionTree Convert(IReadOnlyList<string> names)
    {
        Check(names);
        var nodes = new List<TreeNode>();
        var open = new List<Open> { new(Features.Length == 0 ? -1 : 0, 1) };
        for (int i = 0; i < open.Count; i++)
        {
            if (open.Count > DecisionTree.MaxNodes)
            {
                throw new LightGbmException($"{Name}: more than {DecisionTree.MaxNodes} nodes once zero-as-missing splits are written out; train with zero_as_missing=false");
            }

            Open at = open[i];
            if (at.Node < 0)
            {
                nodes.Add(TreeNode.Leaf((float)Leaves[-1 - at.Node]));
                continue;
            }

            (float threshold, bool missingIsTrue, Open yes, Open no) = Question(at);
            nodes.Add(TreeNode.Split(Features[at.Node], threshold, missingIsTrue, open.Count, open.Count + 1));
            open.Add(yes);
            open.Add(no);
        }

        try
        {
            return new DecisionTree([.. nodes]);
        }
        catch (ArgumentException e)
        {
            throw new LightGbmException($"{Name}: {e.Message}");
        }
    }

    private (float Threshold, bool MissingIsTrue, Open Yes, Open No) Question(Open at)
    {
        int n = at.Node;
        var left = new Open(Left[n], 1);
        var right = new Open(Right[n], 1);
        float threshold = Floor(Thresholds[n]);
        bool defaultLeft = (Decisions[n] & 2) != 0;
        int missing = (Decisions[n] >> 2) & 3;
        if (missing != 1)
        {
            return (threshold, missing == 0 ? Thresholds[n] >= 0 : defaultLeft, left, right);
        }

        float belowZero = MathF.BitDecrement(-Zero);
        if (defaultLeft ? threshold >= Zero : threshold < -Zero)
        {
            return (threshold, defaultLeft, left, right);
        }

        if (threshold >= -Zero && threshold < Zero)
        {
            return (defaultLeft ? Zero : belowZero, defaultLeft, left, right);
        }

        // The threshold lies on the other side of zero than where zero goes: below, at, above, each by its own question.
        return (at.Step, defaultLeft) switch
        {
            (1, true) => (threshold, true, left, at with { Step = 2 }),
            (2, true) => (belowZero, false, right, at with { Step = 3 }),
            (_, true) => (Zero, true, left, right),
            (1, false) => (belowZero, false, left, at with { Step = 2 }),
            (2, false) => (Zero, true, right, at with { Step = 3 }),
            (_, false) => (threshold, false, left, right),
        };
    }

    // The largest float32 that is not above a float64.
    private static float Floor(double value)
    {
        float nearest = (float)value;
        return nearest > value ? MathF.BitDecrement(nearest) : nearest;
    }

    private void Check(IReadOnlyList<string> names)
    {
        int splits = Features.Length;
        if (Leaves.Length != splits + 1 || new[] { Thresholds.Length, Decisions.Length, Left.Length, Right.Length }.Any(l => l != splits))
        {
            throw new LightGbmException($"{Name}: {splits} splits, {Leaves.Length} leaves, and lists that do not fit; the file is damaged");
        }

        var met = new HashSet<int>();
        for (int i = 0; i < splits; i++)
        {
            if ((uint)Features[i] >= (uint)names.Count)
            {
                throw new LightGbmException($"{Name}, split {i}: feature {Features[i]} of {names.Count}; the file is damaged");
            }

            if ((Decisions[i] & 1) != 0)
            {
                throw new LightGbmException($"{Name}, split {i}: a categorical split of '{names[Features[i]]}', which is not supported; train without categorical features");
            }

            if (!double.IsFinite(Thresholds[i]) || ((Decisions[i] >> 2) & 3) == 3)
            {
                throw new LightGbmException($"{Name}, split {i}: threshold {Thresholds[i]}, decision type {Decisions[i]}; the file is damaged");
            }

            foreach (int child in new[] { Left[i], Right[i] })
            {
                if (child >= splits || child < -1 - splits || child == 0 || !met.Add(child))
                {
                    throw new LightGbmException($"{Name}, split {i}: leads to {child}, which is not there or has another parent; the file is damaged");
                }
            }
        }

        int bad = Array.FindIndex(Leaves, l => !float.IsFinite((float)l));
        if (bad >= 0)
        {
            throw new LightGbmException($"{Name}, leaf {bad}: {Leaves[bad]} is no float32; the file is damaged");
        }
    }
}

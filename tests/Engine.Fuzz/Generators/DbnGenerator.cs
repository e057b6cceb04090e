using System.Buffers.Binary;
using Engine.Core.Numerics;

namespace Engine.Fuzz.Generators;

/// <summary>DBN files of all versions, with records of every schema.</summary>
internal sealed class DbnGenerator
{
    private const int Fixed = 100, MaxRecords = 40, Prelude = 8;
    private const ulong Start = 1_600_000_000_000_000_000;
    private static readonly byte[] s_types = [0xA0, 0xA0, 0xA0, 0xA0, 0x0A, 0x0A, 0x00, 0x16, 0x01, 0x12, 0x13, 0x17, 0x18, 0x20, 0xB1, 0xC0, 0x77];
    private static readonly byte[] s_actions = [(byte)'A', (byte)'A', (byte)'A', (byte)'C', (byte)'C', (byte)'M', (byte)'T', (byte)'F', (byte)'R', (byte)'N', (byte)'?'];
    private static readonly byte[] s_flags = [0x80, 0x80, 0x80, 0, 0xC0, 0x40, 0x20, 0x90, 0x88, 0x84];
    private int _version;
    private int _width;
    private bool _hasSendTime;
    private bool _isTopOfBook;

    /// <summary>Bytes before the records of the file written last.</summary>
    public int Head { get; private set; }

    /// <summary>Writes a file.</summary>
    /// <returns>Its bytes.</returns>
    public int Write(SeededRandom random, Span<byte> file)
    {
        ByteWriter writer = new(file);
        _version = random.Next(1, 4);
        _width = _version == 1 ? 22 : random.Chance(0.9) ? 71 : random.Next(1, 40);
        _hasSendTime = random.Chance(0.2);
        _isTopOfBook = random.Chance(0.2);
        writer.Text("DBN");
        writer.U8(_version);
        writer.Little32(0);
        Metadata(random, ref writer);
        Head = writer.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(file[4..], (uint)(Head - Prelude));
        for (int i = random.Next(MaxRecords); i > 0; i--)
        {
            Record(random, ref writer, i);
        }

        return writer.Length;
    }

    private void Metadata(SeededRandom random, ref ByteWriter writer)
    {
        int start = writer.Length;
        writer.Text("FUZZ.SET\0\0\0\0\0\0\0\0");
        writer.Little16(random.Next(22));
        writer.Little64(Start);
        writer.Little64(ulong.MaxValue);
        writer.Little64(0);
        if (_version == 1)
        {
            writer.Little64(1);
        }

        bool isById = random.Chance(0.3);
        writer.U8(isById ? 0 : 1);
        writer.U8(isById ? 1 : 0);
        writer.U8(_hasSendTime ? 1 : 0);
        if (_version != 1)
        {
            writer.Little16(_width);
        }

        while (writer.Length - start < Fixed)
        {
            writer.U8(0);
        }

        writer.Little32(0);
        for (int list = 0; list < 3; list++)
        {
            int names = random.Next(2);
            writer.Little32((uint)names);
            Names(random, ref writer, names);
        }

        Mappings(random, ref writer, isById);
    }

    private void Mappings(SeededRandom random, ref ByteWriter writer, bool isById)
    {
        int mappings = random.Next(6);
        writer.Little32((uint)mappings);
        for (int i = 0; i < mappings; i++)
        {
            Name(ref writer, isById ? $"{i}" : $"SYM{i}");
            int intervals = random.Next(3);
            writer.Little32((uint)intervals);
            for (int j = 0; j < intervals; j++)
            {
                writer.Little32(20200901 + (uint)j);
                writer.Little32(random.Chance(0.9) ? 22000101u : (uint)random.Next(30_000_000));
                Name(ref writer, isById ? $"SYM{i}" : $"{i}");
            }
        }
    }

    private void Names(SeededRandom random, ref ByteWriter writer, int count)
    {
        for (int i = 0; i < count; i++)
        {
            Name(ref writer, $"S{random.Next(100)}");
        }
    }

    private void Name(ref ByteWriter writer, string name)
    {
        Span<byte> field = writer.Rest[.._width];
        field.Clear();
        for (int i = 0; i < Math.Min(name.Length, _width); i++)
        {
            field[i] = (byte)name[i];
        }

        writer.Skip(_width);
    }

    private void Record(SeededRandom random, ref ByteWriter writer, int number)
    {
        byte type = random.Chance(0.98) ? s_types[random.Next(s_types.Length)] : (byte)random.Next(256);
        Span<byte> head = writer.Rest;
        int start = writer.Length;
        writer.U8(0);
        writer.U8(type);
        writer.Little16(random.Next(1, 3));
        writer.Little32((uint)random.Next(random.Chance(0.9) ? 8 : 200));
        ulong time = random.Chance(0.95) ? Start + ((ulong)number * 1_000_000_000) + ((ulong)random.Next(10) * 10_000_000_000_000) : random.NextUInt64();
        writer.Little64(time);
        switch (type)
        {
            case 0xA0:
                Order(random, ref writer, time);
                break;
            case 0x00 or 0x0A:
                Top(random, ref writer, time, type == 0x0A ? 10 : 0);
                break;
            case 0x16:
                Mapping(random, ref writer);
                break;
            default:
                int noise = 4 * random.Next(40);
                random.NextBytes(writer.Rest[..noise]);
                writer.Skip(noise);
                break;
        }

        if (_hasSendTime)
        {
            writer.Little64(time);
        }

        writer.Skip(random.Chance(0.98) ? 0 : 4);
        int units = (writer.Length - start + 3) / 4;
        head[0] = (byte)(random.Chance(0.995) ? units : random.Next(256));
        writer.Skip((units * 4) - (writer.Length - start));
    }

    private void Order(SeededRandom random, ref ByteWriter writer, ulong time)
    {
        writer.Little64((ulong)random.Next(60));
        Price(random, ref writer);
        Size(random, ref writer);
        byte flags = s_flags[random.Next(s_flags.Length)];
        writer.U8(_isTopOfBook ? flags | 0x40 : random.Chance(0.9) ? flags & ~0x50 : flags);
        writer.U8(1);
        writer.U8(s_actions[random.Next(s_actions.Length)]);
        Side(random, ref writer);
        Receive(random, ref writer, time);
    }

    private static void Top(SeededRandom random, ref ByteWriter writer, ulong time, int levels)
    {
        Price(random, ref writer);
        Size(random, ref writer);
        writer.U8(s_actions[random.Next(s_actions.Length)]);
        Side(random, ref writer);
        writer.U8(s_flags[random.Next(s_flags.Length)]);
        writer.U8(random.Next(10));
        Receive(random, ref writer, time);
        for (int i = 0; i < levels; i++)
        {
            Price(random, ref writer);
            Price(random, ref writer);
            Size(random, ref writer);
            Size(random, ref writer);
            writer.Little64((ulong)random.Next(9));
        }
    }

    private void Mapping(SeededRandom random, ref ByteWriter writer)
    {
        int start = writer.Length;
        writer.Skip(_version == 1 ? 0 : 1);
        Name(ref writer, "IN");
        writer.Skip(_version == 1 ? 0 : 1);
        Name(ref writer, random.Chance(0.5) ? $"SYM{random.Next(9)}" : $"NEW{random.Next(1_000)}");
        writer.Skip(random.Chance(0.9) ? 16 + (-(writer.Length - start) & 3) : 0);
    }

    private static void Receive(SeededRandom random, ref ByteWriter writer, ulong time)
    {
        writer.Little64(random.Chance(0.97) ? time + 1_000 : random.Chance(0.5) ? ulong.MaxValue : random.NextUInt64());
        writer.Little32((uint)random.Next(1_000));
        writer.Little32((uint)random.Next(1_000_000));
    }

    private static void Price(SeededRandom random, ref ByteWriter writer) => writer.Little64(random.Next(40) switch
    {
        0 => random.NextUInt64(),
        1 => long.MaxValue,
        2 => 1UL << 63,
        3 => 0,
        _ => (ulong)random.Next(90, 111) * 1_000_000_000,
    });

    private static void Size(SeededRandom random, ref ByteWriter writer) =>
        writer.Little32(random.Next(20) switch { 0 => uint.MaxValue, 1 => 0, _ => (uint)random.Next(1, 500) });

    private static void Side(SeededRandom random, ref ByteWriter writer) => writer.U8("BABABABAN?"[random.Next(10)]);
}

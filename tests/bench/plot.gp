# Bookings/s against clients; `data` has a block for each of the `workloads`, with its title first.
set terminal svg size 800,480 font 'sans-serif,14' background '#ffffff'
set title "Bookings/s of one event\n".machine noenhanced font ',12'
set xlabel 'clients'
set ylabel 'bookings/s'
set logscale x 2
set xtics (1, 4, 16, 32, 64, 128, 256)
set xrange [0.9:300]
set yrange [0:*]
set format y '%.0f'
set grid y
set key top left
plot for [i = 0:workloads - 1] data index i using 1:2 with linespoints linewidth 2 pointtype 7 title columnheader(1)
